import { join } from "node:path";
import type { TickReport } from "../../src-preload/contract/ticks.ts";
import type { VirtualClock } from "../../src-main/engine/clock-virtual.ts";
import { Engine } from "../../src-main/engine/engine.ts";
import type { EngineParts } from "../../src-main/engine/engine.ts";
import { EventBus } from "../../src-main/engine/event-bus.ts";
import type { EngineEvents } from "../../src-main/engine/events.ts";
import type { Exchange } from "../../src-main/engine/exchange/port.ts";
import { openLedgerDb } from "../../src-main/store/ledger-db.ts";
import type { LedgerDb } from "../../src-main/store/ledger-db.ts";
import { openMarketDb } from "../../src-main/store/market-db.ts";
import type { MarketDb } from "../../src-main/store/market-db.ts";
import type { Chance } from "./chance.ts";
import { faultyExchange } from "./faulty-exchange.ts";
import type { Weather } from "./faulty-exchange.ts";
import { Crash, Fuse, guarded } from "./fuse.ts";
import { MortalClock } from "./mortal-clock.ts";
import type { Fault } from "./options.ts";
import { rememberingVenue } from "./remembering-venue.ts";
import type { VenueRecord } from "./remembering-venue.ts";

const SETTINGS = {
  paper: { slippageMinBps: 2, slippageMaxBps: 10, feeBps: 10 },
  drainLimitSeconds: 30,
} as const;

/** What outlives a process: the machine's clock, its disk, the exchange, and the soak's own books. */
export interface World {
  readonly clock: VirtualClock;
  readonly dir: string;
  readonly exchange: Exchange;
  readonly venue: VenueRecord;
  readonly weather: Weather;
  readonly chance: Chance;
  /** A report is in the tick store. */
  readonly onReport: (report: TickReport) => void;
  /** An error that nobody caught. */
  readonly onDefect: (error: unknown) => void;
  /** A test may bend what the engine is made of, to see that the audit notices. */
  readonly tamper: (parts: EngineParts) => EngineParts;
}

/** One process: an engine on the database files of the world, from its start to its stop or crash. */
export class Life {
  readonly engine: Engine;
  readonly fuse: Fuse;
  /** Not behind the fuse: for the audit. */
  readonly ledger: LedgerDb;
  readonly #market: MarketDb;

  constructor(world: World, faults: ReadonlySet<Fault>) {
    const { chance, dir, venue, weather } = world;
    const clock = new MortalClock(world.clock);
    const fuse = new Fuse(chance, () => {
      clock.die();
    });
    this.fuse = fuse;
    this.ledger = openLedgerDb(join(dir, "ledger.db"));
    this.#market = openMarketDb(join(dir, "market.db"), { throwaway: true });
    const { candles, findings, backfills, metrics, ticks, tickStats, engineEvents } = this.#market;
    const onError = (error: unknown): void => {
      if (!fuse.blown && !(error instanceof Crash)) world.onDefect(error);
    };
    const witnessed = guarded(ticks, fuse, "ticks.");
    const parts: EngineParts = {
      clock,
      events: new EventBus<EngineEvents>(onError),
      exchange: faultyExchange({ inner: world.exchange, clock, chance, faults, weather, fuse }),
      ledger: guarded(this.ledger, fuse),
      market: {
        candles: guarded(candles, fuse, "candles."),
        findings: guarded(findings, fuse, "findings."),
        backfills: guarded(backfills, fuse, "backfills."),
        metrics: guarded(metrics, fuse, "metrics."),
        tickStats: guarded(tickStats, fuse, "tickStats."),
        engineEvents: guarded(engineEvents, fuse, "engineEvents."),
        ticks: {
          ...witnessed,
          insert: (report) => {
            fuse.pass("ticks.insert", () => {
              ticks.insert(report);
              world.onReport(report);
            });
          },
        },
      },
      settings: () => SETTINGS,
      venue: (inner) => rememberingVenue({ inner, record: venue, clock, chance, faults, fuse }),
    };
    this.engine = new Engine(world.tamper(parts));
  }

  /**
   * Lets go of the files. After a crash nothing is written here that the crash had not left; but SQLite closes in order, so the
   * next life does not read the ledger for damage: the audit at the end does.
   */
  close(): void {
    this.ledger.close();
    this.#market.close();
  }
}
