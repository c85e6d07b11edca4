/** An instant for notes, "2024-03-01 00:15 UTC"; `time` is ms UTC. */
export const utc = (time: number): string =>
  // oxlint-disable-next-line no-restricted-globals -- writes a given instant out; reads no clock
  `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
