import type { PlanEntry } from '../../../src-shared/api/contract/transfer.ts'
import type { Tree } from './config-tree.ts'
import { Secret } from './secrets.ts'

type Difference = PlanEntry['changes'][number]

/** What differs between two trees, by dotted paths. Secrets show only that they differ. */
export function differencesOf(before: Tree | undefined, after: Tree | undefined, path = ''): Difference[] {
  if (before instanceof Secret && after instanceof Secret)
    return before.equals(after) ? [] : [{ path, before: '(set)', after: '(another)' }]
  const [one, other] = [childrenOf(before), childrenOf(after)]
  // A list of another length is shown whole: which entry is which would be a guess.
  const comparable =
    one !== null &&
    other !== null &&
    Array.isArray(before) === Array.isArray(after) &&
    (!Array.isArray(before) || one.size === other.size)
  if (!comparable) return before === after ? [] : [{ path, before: shown(before), after: shown(after) }]
  return [...new Set([...one.keys(), ...other.keys()])].flatMap((key) =>
    differencesOf(one.get(key), other.get(key), path === '' ? key : `${path}.${key}`),
  )
}

function childrenOf(tree: Tree | undefined): Map<string, Tree> | null {
  if (tree === null || typeof tree !== 'object' || tree instanceof Secret) return null
  return new Map(Object.entries(tree))
}

function shown(tree: Tree | undefined): unknown {
  if (tree === undefined || tree === null) return null
  if (tree instanceof Secret) return tree.toString()
  if (Array.isArray(tree)) return (tree as readonly Tree[]).map(shown)
  if (typeof tree !== 'object') return tree
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, shown(value)]))
}
