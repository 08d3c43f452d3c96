import type { Cause } from '../../../../src-shared/model/scheme.ts'

/** One thing that may have been done differently than the scheme says. */
export interface Change {
  readonly cause: Cause
  /** What was done, as the end of "It was signed …"; no full stop. */
  readonly how: string
  /** What to do about it: a sentence. */
  readonly mend: string
}

/** A value with the change that leads to it; without one it is what the scheme says. */
export interface Variation<T> {
  readonly value: T
  readonly change: Change | null
  /** Where two changes lead to it. */
  readonly second?: Change | null
}
