import type { Handlers } from '../../../src-shared/api/contract.ts'
import { settingsSchema, type Settings } from '../../../src-shared/model/settings.ts'
import { createExclusive } from '../exclusive.ts'
import { given, invalidField, type EngineContext } from './context.ts'

type SettingsHandlers = Pick<Handlers, 'settings.get' | 'settings.change'>

/**
 * Moves the receiver to a port, null: the one that it was started for, and keeps the choice.
 * @throws AppError `port_in_use`, `port_unusable`, or what `keep` throws; everything is as before then
 */
export type MoveReceiver = (port: number | null, keep: () => Promise<void>) => Promise<void>

function checkPorts({ capture_port: capture, api_port: api }: Settings, changed: keyof Settings): void {
  if (capture !== null && capture !== 0 && capture === api)
    throw invalidField(changed, 'receiver and API need ports of their own')
}

export function settingsHandlers(context: EngineContext, moveReceiver: MoveReceiver): SettingsHandlers {
  const { store, push, dispatcher } = context
  const turns = createExclusive()
  return {
    'settings.get': async () => store.settings(),
    'settings.change': (change) =>
      turns.run('change', async () => {
        const settings = settingsSchema.parse({ ...store.settings(), ...given(change) })
        const moves = change.capture_port !== undefined
        if (moves || change.api_port !== undefined) checkPorts(settings, moves ? 'capture_port' : 'api_port')
        const keep = (): Promise<void> => store.commit([{ kind: 'settings.put', settings }])
        if (moves) {
          await moveReceiver(settings.capture_port, keep)
          // The addresses of all endpoints, and of what is sent to the receiver.
          push.publish({ kind: 'configuration', of: 'all', id: null })
        } else await keep()
        dispatcher.wake()
        return settings
      }),
  }
}
