/** A binary heap: what comes first by `before` is on top. */
export class Heap<T> {
  readonly #before: (a: T, b: T) => boolean
  #items: T[] = []

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  push(item: T): void {
    const items = this.#items
    items.push(item)
    let index = items.length - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.#before(item, this.#at(parent))) break
      items[index] = this.#at(parent)
      index = parent
    }
    items[index] = item
  }

  pop(): T | undefined {
    const top = this.#items[0]
    const last = this.#items.pop()
    if (last !== undefined && this.#items.length > 0) this.#sink(last)
    return top
  }

  /** Everything, in no particular order; the heap is empty then. */
  drain(): T[] {
    const items = this.#items
    this.#items = []
    return items
  }

  #sink(item: T): void {
    const items = this.#items
    let index = 0
    for (;;) {
      let child = index * 2 + 1
      if (child >= items.length) break
      if (child + 1 < items.length && this.#before(this.#at(child + 1), this.#at(child))) child += 1
      if (!this.#before(this.#at(child), item)) break
      items[index] = this.#at(child)
      index = child
    }
    items[index] = item
  }

  #at(index: number): T {
    const item = this.#items[index]
    if (item === undefined) throw new Error('heap index out of range')
    return item
  }
}
