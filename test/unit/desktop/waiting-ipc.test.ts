import { describe, expect, it } from 'vitest'
import { WaitingIpc } from '../../../src-main/electron/waiting-ipc.ts'
import { channels } from '../../../src-shared/desktop/bridge.ts'
import { createDesktopIpc, ownPage } from '../../support/desktop-ipc.ts'
import { turns } from '../../support/fake-clock.ts'

describe('what a page asks before the engine is there', () => {
  it('waits, and is answered in order by whoever handles it then, with the caller it came from', async () => {
    const ipc = createDesktopIpc()
    const waiting = new WaitingIpc(ipc)
    const answers: unknown[] = []
    for (const name of ['first', 'second'])
      void ipc.invoke(ownPage, channels.call, name).then((answer) => answers.push(answer))
    await turns()
    expect(answers).toEqual([])
    waiting.handle(channels.call, (caller, name) => [caller.sender.id, name])
    await expect
      .poll(() => answers)
      .toEqual([
        [1, 'first'],
        [1, 'second'],
      ])
    expect(await ipc.invoke(ownPage, channels.call, 'third')).toEqual([1, 'third'])
  })

  it('is refused when the handler refuses it, and not taken any more after the end', async () => {
    const ipc = createDesktopIpc()
    const waiting = new WaitingIpc(ipc)
    const asked = ipc.invoke(ownPage, channels.open, null)
    waiting.handle(channels.open, () => {
      throw new Error('not you')
    })
    await expect(asked).rejects.toThrow('not you')
    for (const channel of Object.values(channels)) waiting.removeHandler(channel)
    expect(ipc.channels).toEqual([])
    await expect(ipc.invoke(ownPage, channels.call, 'x')).rejects.toThrow('No handler registered')
  })

  it('has its first answers when it asks nothing more', async () => {
    const ipc = createDesktopIpc()
    const waiting = new WaitingIpc(ipc)
    const order: string[] = []
    const ask = async (name: string): Promise<void> => {
      await ipc.invoke(ownPage, channels.call, name)
      order.push(name)
    }
    const asked = ask('first').then(() => ask('second'))
    const answered = waiting.firstAnswers().then(() => order.push('answered'))
    waiting.handle(channels.call, (_caller, name) => name)
    await Promise.all([asked, answered])
    expect(order).toEqual(['first', 'second', 'answered'])
  })
})
