import { AppError } from '../../src-shared/errors.ts'

/** Puts text on the clipboard: through the desktop app where there is one, whose page is granted no permission. */
export async function writeClipboard(text: string): Promise<void> {
  const bridge = globalThis.hookbench
  if (bridge === undefined) return navigator.clipboard.writeText(text)
  const answer = await bridge.call('desktop.copy', { text })
  if ('problem' in answer) throw AppError.fromProblem(answer.problem)
}
