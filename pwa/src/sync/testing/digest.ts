/** The model server's half of a comparison. */

import { createHash } from 'node:crypto'
import type { DigestAnswer, Row, TypePage } from '../types'
import { COLUMNS } from './server'

export interface DigestQuestion {
  cursor: string
  types: Record<string, { depth: number; shards: Record<string, string> }>
}

/** `visible`: what the device may hold, by "type/id"; `most`: rows an answer has before it says "more". */
export function answerDigest(
  epoch: string,
  visible: ReadonlyMap<string, Row>,
  { types }: DigestQuestion,
  most: number,
): DigestAnswer {
  const mine = new Map<string, Row[]>()
  for (const [key, row] of [...visible].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const type = key.slice(0, key.indexOf('/'))
    mine.set(type, [...(mine.get(type) ?? []), row])
  }
  const answer: DigestAnswer = { epoch, shards: [], types: {} }
  let room = most
  for (const type of new Set([...mine.keys(), ...Object.keys(types)])) {
    const { depth, shards: theirs } = types[type] ?? { depth: 1, shards: {} }
    const shards = new Map<string, Row[]>(Object.keys(theirs).map((shard) => [shard, []]))
    for (const row of mine.get(type) ?? []) {
      const shard = row.id.slice(-depth)
      shards.set(shard, [...(shards.get(shard) ?? []), row])
    }
    const sent: Row[] = []
    for (const [shard, rows] of shards) {
      if (theirs[shard] === (rows.length > 0 ? hashOf(rows) : undefined)) continue
      if (room <= 0) {
        answer.more = true
        break
      }
      answer.shards!.push([type, shard])
      sent.push(...rows)
      room -= Math.max(1, rows.length)
    }
    if (sent.length > 0) answer.types![type] = pageOf(sent)
  }
  return answer
}

function hashOf(rows: Row[]): string {
  const text = rows.map(({ id, rev }) => `${id}:${rev}\n`).join('')
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

function pageOf(rows: Row[]): TypePage {
  return { columns: COLUMNS, values: COLUMNS.map((column) => rows.map((row) => row[column] ?? null)) }
}
