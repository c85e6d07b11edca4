import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Heap } from "../../../../src-main/engine/clock-heap.ts";

interface Item {
  readonly value: number;
  readonly order: number;
  heapIndex: number;
}
const before = (a: Item, b: Item): boolean =>
  a.value === b.value ? a.order < b.order : a.value < b.value;

describe("Heap", () => {
  it("comes out in order after any pushes and removals, and knows what it keeps", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean(), fc.nat(1000))),
        (steps) => {
          const heap = new Heap<Item>(before);
          const model: Item[] = [];
          for (const [order, [value, take, which]] of steps.entries()) {
            const victim = model[which % Math.max(1, model.length)];
            if (take && victim !== undefined) {
              expect(heap.remove(victim)).toBe(true);
              expect(heap.remove(victim)).toBe(false);
              model.splice(model.indexOf(victim), 1);
            } else {
              const item = { value, order, heapIndex: -1 };
              heap.push(item);
              model.push(item);
            }
            model.sort((a, b) => (before(a, b) ? -1 : 1));
            expect(heap.size).toBe(model.length);
            expect(heap.peek()).toBe(model[0]);
          }
          for (const item of model) {
            expect(heap.peek()).toBe(item);
            heap.remove(item);
          }
          expect(heap.size).toBe(0);
        },
      ),
    );
  });

  it("lets go of everything on clear", () => {
    const heap = new Heap<Item>(before);
    const item = { value: 1, order: 0, heapIndex: -1 };
    heap.push(item);
    heap.clear();
    expect(heap.peek()).toBeUndefined();
    expect(heap.remove(item)).toBe(false);
  });
});
