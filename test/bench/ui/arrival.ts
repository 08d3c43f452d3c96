import { Agent, request } from 'node:http'
import type { Page } from '@playwright/test'
import { openStream } from '../../support/stream-reader.ts'
import type { ServedInstance } from '../../support/served-instance.ts'

/** All times in this process' clock, from the moment before a request is sent. */
export interface Arrivals {
  /** Until its row is on the page's screen: what the browser takes to tell it is in it. */
  readonly onScreenMs: readonly number[]
  /** Until a bare reader of the event stream has it. */
  readonly inStreamMs: readonly number[]
  readonly perSecond: number
}

/** Sends captures at an even pace to the receiver while the page shows them as they come. */
export async function arrivals(
  page: Page,
  instance: ServedInstance,
  rate: number,
  seconds: number,
): Promise<Arrivals> {
  const sent: number[] = []
  const onScreen: number[] = []
  const inStream: number[] = []
  let newest = -1
  await page.exposeFunction('arrived', (number: number) => {
    // A row that is there has brought those before it, even if no frame showed them.
    const now = performance.now()
    for (; newest < number; newest += 1) onScreen.push(now - (sent[newest + 1] ?? now))
  })
  const stream = await openStream({ url: instance.api, token: instance.token })
  const streamed = stream.until(({ message }) => {
    if (message.event !== 'capture') return false
    const number = numberOf(message.data.target)
    if (number !== null && inStream[number] === undefined)
      inStream[number] = performance.now() - (sent[number] ?? Number.NaN)
    return number === rate * seconds - 1
  })
  await page.evaluate(tellArrivals)
  const started = performance.now()
  await send(instance, rate, rate * seconds, sent)
  const took = (performance.now() - started) / 1000
  await streamed
  await page.waitForTimeout(1000)
  await stream.close()
  return { onScreenMs: onScreen, inStreamMs: inStream, perSecond: sent.length / took }
}

function numberOf(target: string): number | null {
  const text = /[?&]arrival=(\d+)/.exec(target)?.[1]
  return text === undefined ? null : Number(text)
}

async function send({ capture }: ServedInstance, rate: number, total: number, sent: number[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const body = JSON.stringify({ event: 'contact.created', note: 'x'.repeat(960) })
  const one = (number: number): Promise<void> =>
    new Promise((resolve, reject) => {
      sent[number] = performance.now()
      const sending = request(
        `${capture}/in/inbox?arrival=${number}`,
        { agent, method: 'POST', headers: { 'content-type': 'application/json' } },
        (response) => response.resume().once('end', resolve),
      )
      sending.once('error', reject)
      sending.end(body)
    })
  const answers: Promise<void>[] = []
  const started = performance.now()
  while (answers.length < total) {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * rate))
    while (answers.length < due) answers.push(one(answers.length))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await Promise.all(answers)
  agent.destroy()
}

/** Runs in the page: tells the newest of the numbered captures after each frame that has one more. */
function tellArrivals(): void {
  const grid = document.querySelector('.grid-body') as HTMLElement
  const { arrived } = window as unknown as { arrived: (number: number) => Promise<void> }
  const channel = new MessageChannel()
  let newest = -1
  // A message that is sent in a frame comes when that frame has been painted.
  channel.port1.addEventListener('message', ({ data }) => void arrived(data as number))
  channel.port1.start()
  const look = (): void => {
    let found = newest
    for (const [, number] of (grid.textContent ?? '').matchAll(/arrival=(\d+)/g))
      found = Math.max(found, Number(number))
    if (found > newest) {
      newest = found
      channel.port2.postMessage(found)
    }
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}
