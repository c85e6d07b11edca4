/** What a heap keeps: it writes the element's place into `heapIndex`, −1 while the element is in no heap. */
export interface HeapItem {
  heapIndex: number;
}

/**
 * A binary heap that knows each element's place, so that removal is O(log n) and leaves nothing behind.
 * `before(a, b)` says that a comes out first; it must be a strict order. An element is in one heap at a time.
 */
export class Heap<T extends HeapItem> {
  readonly #items: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#items.push(item);
    this.#up(item, this.#items.length - 1);
  }

  /** Takes the element out; false when it is in no heap. */
  remove(item: T): boolean {
    const index = item.heapIndex;
    if (index < 0) return false;
    item.heapIndex = -1;
    const last = this.#items.pop();
    if (last === undefined || last === item) return true;
    this.#fill(last, index);
    return true;
  }

  /** Puts an element of this heap in its place again after its order moved back. */
  sink(item: T): void {
    this.#down(item, item.heapIndex);
  }

  clear(): void {
    for (const item of this.#items) item.heapIndex = -1;
    this.#items.length = 0;
  }

  /**
   * Puts `item`, one of the last, into the hole at `from`. The hole goes down to a leaf first, which asks for one comparison a
   * level in place of two, and the item goes up from there.
   */
  #fill(item: T, from: number): void {
    const items = this.#items;
    let index = from;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = items[childIndex];
      if (child === undefined) break;
      const right = items[childIndex + 1];
      if (right !== undefined && this.#before(right, child)) {
        child = right;
        childIndex += 1;
      }
      items[index] = child;
      child.heapIndex = index;
      index = childIndex;
    }
    this.#up(item, index);
  }

  #up(item: T, from: number): void {
    const items = this.#items;
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = items[parentIndex];
      if (parent === undefined || !this.#before(item, parent)) break;
      items[index] = parent;
      parent.heapIndex = index;
      index = parentIndex;
    }
    items[index] = item;
    item.heapIndex = index;
  }

  #down(item: T, from: number): void {
    const items = this.#items;
    let index = from;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = items[childIndex];
      if (child === undefined) break;
      const right = items[childIndex + 1];
      if (right !== undefined && this.#before(right, child)) {
        child = right;
        childIndex += 1;
      }
      if (!this.#before(child, item)) break;
      items[index] = child;
      child.heapIndex = index;
      index = childIndex;
    }
    items[index] = item;
    item.heapIndex = index;
  }
}
