import { z } from 'zod'
import { verifyExpectationSchema, type VerifyResult } from '../../../src-shared/model/verify-case.ts'
import type { CaseRun } from '../../engine/signing/cases.ts'
import { visible, type Colours } from '../output.ts'
import { plural } from '../text.ts'

/** What the text says about a case; `case` and `note` are there for people. */
const namedCasesSchema = z.object({
  cases: z.array(
    z.object({
      provider: z.string().default('own scheme'),
      case: z.string().optional().catch(undefined),
      note: z.string().optional().catch(undefined),
      expect: verifyExpectationSchema.default({ ok: true }),
    }),
  ),
})

/** The cases that differ from what they expect, and how many there are of each kind. */
export function caseReport(document: unknown, { results, differing }: CaseRun, colour: Colours): string[] {
  const { cases } = namedCasesSchema.parse(document)
  const lines = differing.flatMap((index) => {
    const [named, result] = [cases[index], results[index]]
    if (named === undefined || result === undefined) return []
    const name = [named.provider, named.case ?? named.note].filter((part) => part !== undefined).join(', ')
    return [
      `${colour.bad('differs')}  case ${index + 1} (${visible(name)})`,
      `         expected ${outcome(named.expect)}, came to ${outcome(result)}`,
      `         ${visible(result.message)}`,
    ]
  })
  const total = `${plural(results.length, 'case')}: ${results.length - differing.length} as expected, ${differing.length} not`
  return [...lines, differing.length === 0 ? colour.good(total) : colour.bad(total)]
}

function outcome({ ok, cause }: { ok: boolean; cause?: VerifyResult['cause'] | undefined }): string {
  const verdict = ok ? 'verified' : 'rejected'
  return cause === undefined || ok ? verdict : `${verdict} (${cause})`
}
