/** Sends what waits, in order, and stores the answers. Never drops an op: whatever happens to a push, its ops either
 * have a stored answer afterwards or wait again. A repeat is harmless, the server knows each op by its id. */

import type { Environment } from './environment'
import { call, type Answer } from './http'
import type { Outbox } from './outbox'
import type { OutboxOp, PushAnswer, WireOp } from './types'

export const MOST_OPS = 200
export const MOST_BYTES = 512 * 1024
/** Room for the envelope of a push around its ops. */
const ENVELOPE = 2048

/** Ops a round steps over when the server fails at each alone; more than that, and the server itself is ill. */
const MOST_STUMBLES = 3

export type Failure = Exclude<Answer<never>, { kind: 'ok' }>

export interface PushOutcome {
  sent: number
  failure: Failure | null
}

export class Pusher {
  /** Halved when the server says too large, and grown again by every push that passes. */
  private limit = MOST_OPS

  constructor(
    private readonly env: Environment,
    private readonly outbox: Outbox,
    private readonly schema: number,
  ) {}

  async push(device: string, employee: string, signal?: AbortSignal): Promise<PushOutcome> {
    let sent = 0
    let stumbled = 0
    let failure: Failure | null = null
    const asked = new Set<string>()
    for (;;) {
      const { waiting, held } = await this.outbox.toSend(employee)
      // A held op is asked about once a round, after everything that is new.
      const queue = [...waiting, ...held.filter((op) => !asked.has(op.id))]
      if (queue.length === 0 || failure || signal?.aborted) return { sent, failure }
      for (const op of held) asked.add(op.id)
      for (let at = 0; at < queue.length;) {
        const batch = this.batchFrom(queue, at)
        const answer = await this.deliver(device, batch, signal)
        if (answer.kind === 'ok') {
          at += batch.length
          sent += batch.length
          this.limit = Math.min(MOST_OPS, this.limit * 2)
          continue
        }
        const crashed = answer.kind === 'problem' && answer.status === 500
        if (!crashed && !blamesTheBatch(answer)) return { sent, failure: answer }
        this.limit = Math.max(1, Math.floor(batch.length / 2))
        if (crashed) {
          // One op may be what the server stumbles over: alone, it is stepped over until the next round.
          if (batch.length > 1 || ++stumbled > MOST_STUMBLES) return { sent, failure: answer }
          failure = answer
          at += 1
        } else if (batch.length === 1) {
          await this.refuse(batch[0]!, answer)
          at += 1
        }
      }
    }
  }

  private batchFrom(queue: OutboxOp[], from: number): OutboxOp[] {
    const batch: OutboxOp[] = []
    let size = ENVELOPE
    for (let at = from; at < queue.length && batch.length < this.limit; at++) {
      size += byteLength(JSON.stringify(toWire(queue[at]!))) + 1
      if (batch.length > 0 && size > MOST_BYTES) break
      batch.push(queue[at]!)
    }
    return batch
  }

  private async deliver(device: string, batch: OutboxOp[], signal?: AbortSignal): Promise<Answer<PushAnswer>> {
    const ids = batch.map((op) => op.id)
    // Positions are stored with the epoch known before the push: a server restored in between is noticed by the pull.
    const epoch = (await this.outbox.readMeta<string>('epoch')) ?? null
    await this.outbox.markSending(ids)
    this.env.fault?.('push:before')
    const answer = await call<PushAnswer>(this.env, {
      method: 'POST',
      path: '/sync/v1/push',
      json: { device, schema: this.schema, ops: batch.map(toWire) },
      signal,
    })
    this.env.fault?.('push:answered')
    if (answer.kind === 'ok' && !Array.isArray(answer.body?.results)) {
      await this.outbox.unsend(ids)
      return { kind: 'unreachable', message: 'the answer has no results' }
    }
    if (answer.kind === 'ok') {
      const asked = new Set(ids)
      const results = answer.body.results.filter((result) => asked.has(result.id))
      await this.outbox.storeResults(results, { epoch, position: answer.body.position })
      if (answer.body.clone === true) await this.outbox.writeMeta('cloned', device)
      this.env.fault?.('push:stored')
      const answered = new Set(results.map((result) => result.id))
      const silent = ids.filter((id) => !answered.has(id))
      await this.outbox.unsend(silent)
      // Not one answer to the point: asking at once again would go round for ever.
      if (answered.size === 0) return { kind: 'unreachable', message: 'the answer is about other ops' }
      return answer
    }
    await this.outbox.unsend(ids)
    return answer
  }

  /** The server will not even store this one op: that is for the user to see, and holds up nothing else. */
  private async refuse(op: OutboxOp, failure: Failure): Promise<void> {
    const code = failure.kind === 'problem' && failure.code ? failure.code : 'push_refused'
    const detail = { message: failure.kind === 'problem' ? failure.message : '' }
    await this.outbox.storeResults([{ id: op.id, status: 'rejected', code, position: null, detail }], {
      position: -1,
    })
  }
}

/** Too much at once, or an op the server cannot even read: the content is at fault, so a smaller batch may pass.
 * Anything else that is refused is about the session or the device, and no reason to reject somebody's work. */
function blamesTheBatch(failure: Failure): boolean {
  return failure.kind === 'problem' && (failure.status === 413 || failure.code === 'invalid_arguments')
}

export function toWire(op: OutboxOp): WireOp {
  const { id, seq, command, version, at, base, args, needs } = op
  return { id, seq, command, version, at, base, args, needs }
}

const encoder = new TextEncoder()

export function byteLength(text: string): number {
  return encoder.encode(text).length
}
