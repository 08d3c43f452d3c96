import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { systemRandom } from '../../../src-main/system-random.ts'
import type { AppError } from '../../../src-shared/errors.ts'
import { headerValue } from '../../../src-shared/model/header.ts'
import type { WorkspaceId } from '../../../src-shared/model/ids.ts'
import { raiseOne, setUp } from '../../support/builders.ts'
import { createFakeClock, fakeStart } from '../../support/fake-clock.ts'
import { startTestHost } from '../../support/test-host.ts'
import { startTestReceiver, type RecordedRequest } from '../../support/test-receiver.ts'

/** The signature of a leadpush request, made independently of the engine. */
function leadpushSignature(request: RecordedRequest, secret: string): string {
  const timestamp = headerValue(request.headers, 'X-Leadpush-Timestamp')
  const id = headerValue(request.headers, 'X-Leadpush-Delivery')
  const signed = Buffer.concat([Buffer.from(`${timestamp}.${id}.`), request.body])
  return `sha256=${createHmac('sha256', secret).update(signed).digest('hex')}`
}

describe('retries', () => {
  it('send again after each of the provider’s delays until the receiver answers 2xx', async () => {
    await using receiver = await startTestReceiver()
    const clock = createFakeClock()
    const test = await startTestHost({ clock })
    const { workspaceId, secret } = await setUp(test, 'leadpush', { url_template: `${receiver.url}/hook` })
    receiver.replyOnce(500, { body: 'first' })
    receiver.replyOnce(500, { body: 'second' })

    const id = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
    expect(await test.until(id, 'retrying')).toMatchObject({
      attemptCount: 1,
      responseStatus: 500,
      nextAttemptAt: fakeStart + 10_000,
    })
    await clock.advance(9_999)
    expect(receiver.requests).toHaveLength(1)
    await clock.advance(1)
    await receiver.received(2)
    expect(await test.until(id, 'retrying')).toMatchObject({ nextAttemptAt: fakeStart + 70_000 })
    await clock.advance(59_999)
    expect(receiver.requests).toHaveLength(2)
    await clock.advance(1)
    await test.until(id, 'succeeded')

    expect(test.statuses(id)).toEqual([
      'pending',
      'processing',
      'retrying',
      'processing',
      'retrying',
      'processing',
      'succeeded',
    ])
    const requests = await receiver.received(3)
    for (const [index, request] of requests.entries()) {
      expect(headerValue(request.headers, 'X-Leadpush-Delivery')).toBe(id)
      expect(headerValue(request.headers, 'X-Leadpush-Signature')).toBe(leadpushSignature(request, secret))
      expect(Number(headerValue(request.headers, 'X-Leadpush-Timestamp'))).toBe(
        fakeStart / 1000 + [0, 10, 70][index]!,
      )
      expect(request.body).toEqual(requests[0]?.body)
    }
    const detail = await test.call('deliveries.get', { id })
    expect(detail).toMatchObject({
      status: 'succeeded',
      attempt_count: 3,
      error: null,
      hint: null,
      response_status: 200,
    })
    expect(detail.attempts.map((a) => [a.number, a.response_status, a.response_excerpt])).toEqual([
      [1, 500, 'first'],
      [2, 500, 'second'],
      [3, 200, ''],
    ])
    expect(detail.attempts.map((a) => a.request_headers)).toEqual(requests.map((r) => r.headers))
    expect(test.log).toEqual([])
  })

  it('end as failed after the provider’s count, and start afresh by hand, going on counting', async () => {
    await using receiver = await startTestReceiver()
    const clock = createFakeClock()
    const test = await startTestHost({ clock })
    const { workspaceId } = await setUp(test, 'leadpush', { url_template: receiver.url })
    receiver.reply(503)

    const id = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
    for (const delaySeconds of [10, 60, 300, 1800]) {
      expect((await test.until(id, 'retrying')).attemptCount).toBe(receiver.requests.length)
      await clock.advance(delaySeconds * 1000)
      await test.untilHolds(() => test.statuses(id).at(-1) !== 'processing')
    }
    expect(await test.until(id, 'failed')).toMatchObject({ attemptCount: 5, reason: { code: 'http_503' } })
    await clock.advance(100_000_000)
    expect(receiver.requests).toHaveLength(5)

    const before = test.events.length
    expect(await test.call('deliveries.retry', { id })).toMatchObject({ status: 'pending', attempt_count: 5 })
    expect(await test.until(id, 'retrying')).toMatchObject({ attemptCount: 6, policyAttempts: 1 })
    receiver.reply(200)
    await clock.advance(10_000)
    expect(await test.until(id, 'succeeded')).toMatchObject({ attemptCount: 7 })
    const statuses = test.events
      .slice(before)
      .flatMap((e) => (e.kind === 'delivery' ? [e.delivery.status] : []))
    expect(statuses).toEqual(['pending', 'processing', 'retrying', 'processing', 'succeeded'])
    const { attempts } = await test.call('deliveries.get', { id })
    expect(attempts.map((attempt) => attempt.number)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it('by hand are refused for a delivery that has not failed', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock() })
    const { workspaceId } = await setUp(test, 'leadpush', { url_template: receiver.url })
    receiver.replyOnce(500)
    const retrying = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
    await test.until(retrying, 'retrying')
    const succeeded = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
    await test.until(succeeded, 'succeeded')
    for (const id of [retrying, succeeded]) {
      await expect(test.call('deliveries.retry', { id })).rejects.toMatchObject({
        code: 'delivery_not_failed',
        status: 409,
      })
    }
  })

  it('pressed twice at once are one retry', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock() })
    const { workspaceId } = await setUp(test, 'breakcold-classic', { url_template: receiver.url })
    receiver.replyOnce(500)
    const id = await raiseOne(test, { workspace_id: workspaceId, type: 'lead.create' })
    await test.until(id, 'failed')
    const pressed = await Promise.allSettled(
      Array.from({ length: 5 }, () => test.call('deliveries.retry', { id })),
    )
    const refused = pressed.flatMap((press) =>
      press.status === 'rejected' ? [press.reason as AppError] : [],
    )
    expect(refused.map(({ code }) => code)).toEqual(Array.from({ length: 4 }, () => 'delivery_not_failed'))
    await test.until(id, 'succeeded')
    expect(receiver.requests).toHaveLength(2)
  })

  it('count their delay from the end of the attempt before', async () => {
    await using receiver = await startTestReceiver()
    const clock = createFakeClock()
    const test = await startTestHost({ clock })
    const { workspaceId } = await setUp(test, 'leadpush', { url_template: receiver.url, timeout_seconds: 30 })
    receiver.neverAnswer()
    const id = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
    await receiver.received(1)
    await clock.advance(7000)
    receiver.answerAll(500)
    expect(await test.until(id, 'retrying')).toMatchObject({ nextAttemptAt: fakeStart + 17_000 })
    const { attempts } = await test.call('deliveries.get', { id })
    expect(attempts[0]).toMatchObject({ duration_ms: 7000, started_at: new Date(fakeStart).toISOString() })
  })

  it('add jitter to the delay, never less', async () => {
    await using receiver = await startTestReceiver()
    const random = { bytes: (count: number) => systemRandom.bytes(count), fraction: () => 0.5 }
    const test = await startTestHost({ clock: createFakeClock(), random })
    const { workspaceId } = await setUp(test, 'leadpush', {
      url_template: receiver.url,
      retry_policy: { delays_seconds: [100], jitter: 0.2 },
    })
    receiver.reply(500)
    const id = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
    expect(await test.until(id, 'retrying')).toMatchObject({ nextAttemptAt: fakeStart + 110_000 })
  })

  it('fault 05: follow an attempt that was accepted and never answered, timed out at the destination’s limit', async () => {
    await using receiver = await startTestReceiver()
    const clock = createFakeClock()
    const test = await startTestHost({ clock })
    const { workspaceId } = await setUp(test, 'leadpush', { url_template: receiver.url, timeout_seconds: 3 })
    receiver.neverAnswer()
    const id = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
    await receiver.received(1)
    await clock.advance(2999)
    expect(test.statuses(id)).toEqual(['pending', 'processing'])
    await clock.advance(1)
    await test.until(id, 'retrying')
    expect(await test.call('deliveries.get', { id })).toMatchObject({
      error: { code: 'timeout' },
      response_status: null,
    })
  })

  it('fault 01, 10, 11: follow refused connections, redirects and 410, each with its own reason', async () => {
    const gone = await startTestReceiver()
    await gone.close()
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock() })
    const refused = await setUp(test, 'leadpush', { url_template: gone.url })
    const answering = await setUp(test, 'leadpush', { url_template: receiver.url })
    receiver.replyOnce(302, { headers: [['Location', 'https://example.com/moved']] })
    receiver.replyOnce(410)

    const summary = async (workspaceId: WorkspaceId) => {
      const id = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
      await test.until(id, 'retrying')
      return test.call('deliveries.get', { id })
    }
    expect(await summary(refused.workspaceId)).toMatchObject({
      error: { code: 'refused' },
      response_status: null,
    })
    const redirected = await summary(answering.workspaceId)
    expect(redirected).toMatchObject({ error: { code: 'http_redirect' }, response_status: 302 })
    expect(redirected.error?.message).toContain('https://example.com/moved')
    expect((await summary(answering.workspaceId)).hint).toContain('gone')
  })

  it('come in real time too', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost()
    const { workspaceId } = await setUp(test, 'leadpush', {
      url_template: receiver.url,
      retry_policy: { delays_seconds: [0.2, 0.3], jitter: 0 },
    })
    receiver.reply(500)
    const id = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
    await test.until(id, 'failed')
    const { attempts } = await test.call('deliveries.get', { id })
    const starts = attempts.map((attempt) => Date.parse(attempt.started_at))
    expect(starts).toHaveLength(3)
    const gaps = [starts[1]! - starts[0]!, starts[2]! - starts[1]!]
    for (const [index, least] of [200, 300].entries()) {
      expect(gaps[index]).toBeGreaterThanOrEqual(least - 1)
      expect(gaps[index]).toBeLessThan(least + 500)
    }
  })
})
