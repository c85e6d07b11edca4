import { EngineFault, messageOf } from "../engine/fault.ts";
import type { History } from "./history.ts";
import { unpackHistory } from "./protocol.ts";
import type { FromProcess, ToProcess } from "./protocol.ts";
import { runBacktest } from "./report.ts";
import { sweepPoints } from "./sweep.ts";

/** Real ms between two words about progress. */
const PROGRESS_MS = 50;

/** The inside of a research process: takes histories, answers jobs one after the other. */
export function makeServer(post: (message: FromProcess) => void): (message: ToProcess) => void {
  const histories = new Map<number, History>();
  const historyOf = (key: number): History => {
    const found = histories.get(key);
    if (found === undefined) throw new Error(`History ${key} was not sent to this process.`);
    return found;
  };
  const answer = (job: number, work: () => FromProcess): void => {
    let reply: FromProcess;
    try {
      reply = work();
    } catch (error) {
      const field = error instanceof EngineFault ? (error.field ?? "") : null;
      reply = { kind: "failed", job, message: messageOf(error), field };
    }
    post(reply);
  };
  return (message) => {
    switch (message.kind) {
      case "history":
        histories.set(message.key, unpackHistory(message.history));
        return;
      case "forget":
        histories.delete(message.key);
        return;
      case "backtest":
        answer(message.job, () => {
          let told = performance.now();
          const report = runBacktest(message.request, historyOf(message.key), (share) => {
            const now = performance.now();
            if (now - told < PROGRESS_MS) return;
            told = now;
            post({ kind: "progress", job: message.job, share });
          });
          return { kind: "report", job: message.job, report };
        });
        return;
      case "sweep":
        answer(message.job, () => ({
          kind: "points",
          job: message.job,
          points: sweepPoints(message.request, message.params, historyOf(message.key)),
        }));
        return;
    }
  };
}
