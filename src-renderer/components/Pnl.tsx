import { memo, useEffect, useRef } from "react";
import { formatSigned, signOf } from "../format/numbers.ts";

const reducedMotion = (): boolean => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

interface PnlProps {
  /** Quote currency; null where it is not known. */
  readonly value: number | null;
  readonly decimals?: number;
}

/** Profit or loss by arrow, sign and colour. Flashes once, softly, when the shown figure changes. */
export const Pnl = memo(function Pnl({ value, decimals = 2 }: PnlProps) {
  const text = formatSigned(value, decimals);
  const sign = signOf(value, decimals);
  const element = useRef<HTMLSpanElement>(null);
  const shown = useRef(text);
  useEffect(() => {
    if (shown.current === text) return;
    shown.current = text;
    if (!reducedMotion()) {
      element.current?.animate(
        [{ backgroundColor: "var(--flash)" }, { backgroundColor: "transparent" }],
        150,
      );
    }
  }, [text]);
  const tone = sign === 0 ? "dim" : sign > 0 ? "gain" : "loss";
  return (
    <span ref={element} className={tone} style={{ borderRadius: 3, whiteSpace: "nowrap" }}>
      {sign === 0 ? null : (
        <span
          aria-hidden="true"
          style={{ fontSize: "0.7em", marginRight: 3, verticalAlign: "0.1em" }}
        >
          {sign > 0 ? "▲" : "▼"}
        </span>
      )}
      {text}
    </span>
  );
});
