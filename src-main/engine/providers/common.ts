import type { z } from 'zod'
import type { JsonObject, JsonValue } from '../../../src-shared/model/json.ts'
import { signatureSchemeSchema, type SignatureScheme } from '../../../src-shared/model/scheme.ts'
import type { EventDescription } from './provider.ts'

/** A scheme with the defaults filled in. */
export function scheme(input: z.input<typeof signatureSchemeSchema>): SignatureScheme {
  return signatureSchemeSchema.parse(input)
}

/** Methods that send a body by default. */
export const methodsWithBody: readonly string[] = ['POST', 'PUT', 'PATCH']

/** Timeout of every provider that names one, and the assumption for the others. */
export const defaultTimeoutSeconds = 10

/** A catalogue of events that can all be subscribed to, from type to description. */
export function catalogue(descriptions: Readonly<Record<string, string>>): EventDescription[] {
  return Object.entries(descriptions).map(([type, description]) => ({
    type,
    description,
    subscribable: true,
  }))
}

/** True for an object that is no array. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The payload's own object at a key, or an empty one. */
export function objectAt(payload: JsonObject, key: string): JsonObject {
  const value = Object.hasOwn(payload, key) ? payload[key] : undefined
  return isJsonObject(value) ? value : {}
}

/** `first`, then what else `payload` has: `first` wins, and comes in its own order. */
export function leadWith(first: JsonObject, payload: JsonObject): JsonObject {
  return { ...first, ...payload, ...first }
}
