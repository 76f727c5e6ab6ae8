/** Forms and lists as an administrator arranges them: some fields required, some hidden, some in another place. */
import type { Draw } from './draw'

const FIELDS = ['name', 'mobile', 'address', 'city', 'remark', 'im_account', 'finance_info']

export const arranges: Draw = async ({ actor, dice }) => {
  const own = (await actor.inView('own_field')).filter(
    (row) => row.record_type === 'customer' && row.state === 'active',
  )
  const names = [...FIELDS, ...own.map((row) => `own.${String(row.key)}`)].sort(() => dice.whole(0, 1) - 0.5)
  const form = names.map((field) => {
    const spare = field !== 'name' && field !== 'mobile'
    const hidden = spare && dice.chance(0.2)
    return { field, group: dice.one(['main', 'shop']), hidden, required: spare && !hidden && dice.chance(0.15) }
  })
  const columns = dice.chance(0.5)
    ? [{ field: 'name', width: dice.whole(8, 20) }, { field: dice.one(names.slice(1)) }]
    : null
  const distinct = columns && columns[0]!.field === columns[1]!.field ? columns.slice(0, 1) : columns
  return {
    command: 'layout.set',
    args: { record_type: 'customer', groups: [{ key: 'shop', name: '门店' }], form, columns: distinct },
  }
}

export const putsBack: Draw = () => ({ command: 'layout.reset', args: { record_type: 'customer' } })

const PURPOSES = ['create', 'edit', 'detail', 'print'] as const

/** How a form looks: a new template, or one that is there with another look. */
export const savesTemplate: Draw = async ({ actor, dice }) => {
  const known = await actor.inView('form_template')
  const row = known.length > 0 && dice.chance(0.5) ? dice.one(known) : null
  const purpose = row ? String(row.purpose) : dice.one(PURPOSES)
  const look = {
    columns: dice.one([1, 2]),
    labels: dice.one(['above', 'beside']),
    accent: dice.one(['blue', 'green', 'orange']),
    ...(purpose === 'print' && { paper: { paper: dice.one(['A4', 'A5']), title: '送货单', signatures: ['收货人'] } }),
  }
  const record_type = row ? String(row.record_type) : dice.one(['customer', 'order'])
  const id = row ? row.id : actor.engine.newId()
  const args = {
    id,
    record_type,
    purpose,
    name: `样${dice.whole(1, 9)}`,
    look,
    in_force: dice.one([true, false, null]),
  }
  return { command: 'form_template.save', args }
}

export const usesTemplate: Draw = async ({ actor, dice }) => {
  const known = await actor.inView('form_template')
  if (known.length === 0) return null
  const { id, record_type, purpose } = dice.one(known)
  return { command: 'form_template.use', args: { record_type, purpose, id: dice.chance(0.7) ? id : null } }
}
