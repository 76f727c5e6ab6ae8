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
