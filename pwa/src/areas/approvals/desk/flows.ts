/** Flows as the editor has them: what the server tells of each kind, and what a step says in words. */
import { request } from '@/api/client'
import { language } from '@/app/i18n'

export type Words = Record<'zh-CN' | 'zh-TW' | 'en', string>
export type Who = 'superior' | 'department_head' | 'role' | 'person'
export type Op = 'ge' | 'gt' | 'le' | 'lt' | 'in' | 'not_in'

export interface Condition {
  fact: string
  op: Op
  value: string | string[]
}

export interface Step {
  name: string
  who: Who
  role_id?: string | null
  employee_ids?: string[]
  level?: number
  need?: 'any' | 'all'
  when?: Condition[]
  desk_only?: boolean
}

export interface Fact {
  kind: 'number' | 'money' | 'choice' | 'ref' | 'fields'
  label: Words
  ops: Op[]
  choices: Record<string, Words>
  ref: string | null
  ref_list: string | null
}

export interface Flow {
  version: number
  enabled: boolean
  steps: Step[]
  watched: string[]
  fallback: 'head' | 'administrators' | 'person'
  fallback_ids: string[]
}

export interface Kind {
  name: string
  subject: string
  label: Words
  facts: Record<string, Fact>
  watch: Record<string, Words>
  flow: Flow
}

export interface PreviewedStep {
  name: string
  applies: boolean
  people: { employee_id: string; name: string; why: string; for_id: string | null }[]
}

export const inWords = (words: Words): string => words[language.value]

export const readKinds = (): Promise<Kind[]> => request<Kind[]>('/api/approvals/kinds')

export const preview = (kind: string, employee_id: string, flow: Flow, facts: object): Promise<PreviewedStep[]> =>
  request<PreviewedStep[]>('/api/approvals/preview', {
    method: 'POST',
    json: {
      kind,
      employee_id,
      steps: flow.steps,
      fallback: flow.fallback,
      fallback_ids: flow.fallback_ids,
      facts,
    },
  })

/** A copy to change, without what a step of its kind does not say. */
export const cleaned = (flow: Flow): Flow => ({
  ...flow,
  steps: flow.steps.map((step) => ({
    name: step.name.trim(),
    who: step.who,
    need: step.need ?? 'any',
    desk_only: step.desk_only ?? false,
    when: step.when ?? [],
    ...(step.who === 'role' ? { role_id: step.role_id ?? null } : {}),
    ...(step.who === 'person' ? { employee_ids: step.employee_ids ?? [] } : {}),
    ...(step.who === 'superior' || step.who === 'department_head' ? { level: step.level ?? 1 } : {}),
  })),
  fallback_ids: flow.fallback === 'person' ? flow.fallback_ids : [],
})

/** What keeps a step from working, as the key of its sentence; null where nothing does. */
export function complaintOf(step: Step, facts: Record<string, Fact>): string | null {
  if (!step.name.trim()) return 'name'
  if (step.who === 'role' && !step.role_id) return 'role'
  if (step.who === 'person' && !step.employee_ids?.length) return 'person'
  const sound = (one: Condition) =>
    facts[one.fact] !== undefined &&
    (Array.isArray(one.value) ? one.value.length > 0 : /^-?\d+(\.\d+)?$/.test(one.value.trim()))
  return (step.when ?? []).every(sound) ? null : 'condition'
}

export const emptyCondition = (name: string, fact: Fact): Condition => ({
  fact: name,
  op: fact.ops[0]!,
  value: fact.kind === 'number' || fact.kind === 'money' ? '' : [],
})
