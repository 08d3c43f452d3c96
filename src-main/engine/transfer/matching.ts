import type { Path } from './located.ts'
import type { Problems } from './read-config.ts'

/**
 * Finds what each entry of a list stands for: the n-th entry of a name is the n-th thing of that name, unless it has a
 * number. @see config-file.ts for what makes things the same
 */
export function matched<Entry extends object, T extends object>(
  entries: readonly Entry[],
  options: {
    readonly keyOf: (entry: Entry) => string
    /** The things with this key, in the order in which they were made. */
    readonly namesakes: (entry: Entry) => readonly T[]
    readonly path: Path
    readonly problems: Problems
  },
): (T | undefined)[] {
  const counts = new Map<string, number>()
  const claimed = new Set<T>()
  return entries.map((entry, index) => {
    const key = options.keyOf(entry)
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    const namesakes = options.namesakes(entry)
    const { number } = entry as { readonly number?: number }
    const thing = namesakes[(number ?? count) - 1]
    const path = [...options.path, index]
    if (thing === undefined && number !== undefined && number > 1) {
      options.problems.add(
        [...path, 'number'],
        `there are only ${namesakes.length} of this name here; leave the number out to make another`,
      )
    }
    if (thing !== undefined && claimed.has(thing)) {
      options.problems.add(path, 'stands for the same as an entry before it')
    }
    if (thing !== undefined) claimed.add(thing)
    return thing
  })
}
