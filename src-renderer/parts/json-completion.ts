import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import type { JsonObject, JsonValue } from '../../src-shared/model/json.ts'
import { jsonPlaceAt, sampleAt, type JsonPlace } from './json-place.ts'

/** Offers the names and values that a sample has at the cursor's place. */
export function completeFrom(sample: () => JsonObject) {
  return (context: CompletionContext): CompletionResult | null => {
    const place = jsonPlaceAt(context.state.doc.toString(), context.pos)
    if (place === null || (!context.explicit && place.from === context.pos)) return null
    const indent = /^\s*/.exec(context.state.doc.lineAt(context.pos).text)?.[0] ?? ''
    const found = sampleAt(sample(), place.path)
    const options = place.kind === 'name' ? namesOf(found, place, indent) : valuesOf(found, indent)
    if (options.length === 0) return null
    return { from: place.from, to: place.to, options, validFor: /^"?[\w.-]*$/ }
  }
}

function namesOf(found: JsonValue | undefined, place: JsonPlace, indent: string): readonly Completion[] {
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return []
  const { names, next } = place
  // What is followed by a colon has its value already.
  const comma = next !== null && next !== '}' && next !== ',' ? ',' : ''
  return Object.entries(found)
    .filter(([name]) => !names.has(name))
    .map(([name, value]) => ({
      label: JSON.stringify(name),
      detail: shortened(value),
      type: 'property',
      apply:
        next === ':' ? JSON.stringify(name) : `${JSON.stringify(name)}: ${written(value, indent)}${comma}`,
    }))
}

function valuesOf(found: JsonValue | undefined, indent: string): readonly Completion[] {
  if (found === undefined) return []
  const values = typeof found === 'boolean' ? [found, !found] : [found]
  return values.map((value) => ({ label: shortened(value), type: 'constant', apply: written(value, indent) }))
}

function written(value: JsonValue, indent: string): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`)
}

const mostShown = 40

function shortened(value: JsonValue): string {
  if (Array.isArray(value)) return '[…]'
  if (typeof value === 'object' && value !== null) return '{…}'
  const text = JSON.stringify(value)
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text
}
