import { AppError } from '../../src-shared/errors.ts'
import type { Session } from './session.ts'

const pausedText = 'Sending is paused: nothing goes out until `hookbench resume`.'

/**
 * Says that sending is paused, before something is made that would wait.
 * @param wait the command is to wait until it was sent
 * @throws AppError `conflict` when it would wait for good: the folder is its own, so nobody else could resume
 */
export async function tellPaused(
  { client, attached }: Pick<Session, 'client' | 'attached'>,
  wait: boolean,
  note: (line: string) => void,
): Promise<void> {
  const { sending_paused: paused } = await client.call('settings.get', {})
  if (!paused) return
  if (wait && !attached) throw new AppError('conflict', { message: `${pausedText} Nothing was made.` })
  note(pausedText)
}
