/** The order on the desk's form: whose it is, what it costs him, kept until it is handed in. Read at the company. */
import { computed, reactive, ref, shallowRef, watch } from 'vue'
import { request } from '@/api/client'
import { getRecord, listRecords, type RecordRow } from '@/api/records'
import { useSession } from '@/app/session'
import { useOptionName } from '@/areas/company/settings'
import { useEngine } from '@/sync/vue'
import { fieldNamed } from '@/ui/declarations'
import { isNegative, parseTyped, subtract } from '@/ui/decimal'
import { useDraft } from '@/ui/drafts'
import { sentence } from '@/ui/problems'
import { overCredit } from '../commands'
import { emptyEntry, started, totalsOf, type CompanyPrices, type Entry, type EntryLine } from './entry'

type Prices = Record<string, CompanyPrices[string]>

/**
 * `draft`: where it is kept. One key keeps the half-written orders of several customers, by customer.
 * `changed`: whether there is something to keep.
 */
export function useOrderEntry(draft: string, changed: () => boolean) {
  const session = useSession()
  const engine = useEngine()
  const optionName = useOptionName()
  const mayFree = computed(() => session.can('order.free_price'))

  const blank = () => emptyEntry(engine.newId())
  const entries = ref<Record<string, Entry>>({ '': blank() })
  const current = ref('')
  const entry = computed(() => entries.value[current.value]!)
  const ready = ref(false)
  /** Milliseconds since 1970 when what is shown was left. */
  const restoredAt = ref<number | null>(null)
  const kept = useDraft(draft, entries, () => ready.value && changed())
  const restored = kept.restored.then((found) => {
    const before = Object.entries((found?.value ?? {}) as Record<string, Entry>).filter(([, one]) => started(one))
    if (found && before.length > 0) {
      // Somebody who types faster than the store opens keeps what he typed.
      const typed = Object.entries(entries.value).filter(([, one]) => started(one))
      entries.value = { ...entries.value, ...Object.fromEntries([...before, ...typed]) }
      restoredAt.value = found.at
    }
    ready.value = true
    return before.length > 0
  })
  /** Orders for other customers that were begun and not handed in. */
  const others = computed(() =>
    Object.entries(entries.value).filter(([key, one]) => key !== current.value && started(one)),
  )

  function open(key: string, customer: Entry['customer'] = null) {
    if (!entries.value[key]) entries.value[key] = { ...blank(), customer }
    const left = current.value
    current.value = key
    if (left !== key && !started(entries.value[left]!)) delete entries.value[left]
  }
  /** The customer of what is on the form. Lines that were typed already go with it. */
  function chooseCustomer(customer: { id: string; name: string }) {
    if (customer.id === current.value) return
    const { lines } = entry.value
    const header: Entry['header'] = {
      ...entry.value.header,
      terminal_id: null,
      customer_department_id: null,
    }
    const left = current.value
    open(customer.id, customer)
    entry.value.lines.push(...lines.map((line) => ({ ...line, id: engine.newId() })))
    entry.value.header = { ...header, ...entry.value.header }
    delete entries.value[left]
  }
  /** Done with it, or given up: takes it off the form. Answers what it was. */
  function clear(): Entry {
    const was = entry.value
    const key = current.value
    entries.value[''] = blank()
    current.value = ''
    if (key !== '') delete entries.value[key]
    restoredAt.value = null
    if (others.value.length === 0) void kept.drop()
    return was
  }
  function putBack(was: Entry) {
    const key = was.customer?.id ?? ''
    entries.value[key] = was
    open(key)
  }

  // ---- the customer ------------------------------------------------------------------------------------------------
  const customer = shallowRef<RecordRow | null>(null)
  const terminals = shallowRef<RecordRow[]>([])
  const departments = shallowRef<RecordRow[]>([])
  const company = shallowRef<CompanyPrices>({})
  const problem = ref<string | null>(null)
  const customerId = computed(() => entry.value.customer?.id ?? null)

  async function loadCustomer() {
    const id = customerId.value
    customer.value = null
    terminals.value = []
    departments.value = []
    company.value = {}
    problem.value = null
    if (id === null) return
    try {
      const [row, page, branches] = await Promise.all([
        getRecord('customer', id),
        listRecords('terminal', { customer_id: id, enabled: '1', limit: 200 }),
        listRecords('customer_department', { customer_id: id, enabled: '1', limit: 200 }),
      ])
      if (id !== customerId.value) return
      customer.value = row
      terminals.value = page.items
      departments.value = branches.items
      if (entry.value.customer) entry.value.customer.name = String(row.name)
      await loadPrices(entry.value.lines.map((line) => line.product_id))
    } catch (error) {
      if (id === customerId.value) problem.value = sentence(error, 'customer')
    }
  }
  watch(customerId, loadCustomer, { immediate: true })

  // ---- prices ------------------------------------------------------------------------------------------------------
  async function loadPrices(products: string[], signal?: AbortSignal) {
    const id = customerId.value
    const missing = [...new Set(products)].filter((product) => !company.value[product])
    if (id === null || missing.length === 0) return
    const query = { products: missing.join(',') }
    const found = await request<Prices>(`/api/customers/${encodeURIComponent(id)}/prices`, { query, signal })
    if (id === customerId.value) company.value = { ...company.value, ...found }
  }
  watch(
    () => entry.value.lines.map((line) => line.product_id).join(),
    () => {
      problem.value = null
      loadPrices(entry.value.lines.map((line) => line.product_id)).catch(
        (error: unknown) => (problem.value = sentence(error, 'product')),
      )
    },
  )

  // ---- products ----------------------------------------------------------------------------------------------------
  /** By number, name, pinyin initials, specification or barcode; an exact number or barcode comes first. */
  async function findProducts(typed: string, signal: AbortSignal): Promise<RecordRow[]> {
    const { items } = await listRecords('product', { q: typed, on_shelf: '1', limit: 12 }, { signal })
    await loadPrices(
      items.map((row) => row.id),
      signal,
    )
    const exact = (row: RecordRow) => [row.product_no, row.barcode].includes(typed.trim())
    return [...items.filter(exact), ...items.filter((row) => !exact(row))]
  }
  /** The line of this product, there already or new. */
  function addProduct(row: RecordRow): EntryLine {
    const there = entry.value.lines.find((line) => line.product_id === row.id)
    if (there) return there
    const line: EntryLine = {
      id: engine.newId(),
      product_id: row.id,
      product_no: String(row.product_no ?? ''),
      name: String(row.name),
      spec: String(row.spec_text ?? ''),
      unit: optionName(row.unit_id),
      quantity: '1',
      price: null,
    }
    entry.value.lines.push(line)
    return line
  }

  // ---- amounts -----------------------------------------------------------------------------------------------------
  /** Of the order whose lines are changed: what lines do not change, and what it weighs in the customer's debt. */
  const fixed = reactive({ freight: '', discount: '', paid: '0.00', owed: '0.00' })
  const amount = (name: 'freight' | 'discount') =>
    fixed[name] || parseTyped(String(entry.value.header[name] ?? ''), 2) || '0.00'
  const extras = computed(() => ({ freight: amount('freight'), discount: amount('discount'), paid: fixed.paid }))
  const totals = computed(() => totalsOf(entry.value, company.value, mayFree.value, extras.value))
  /** By how much the order passes the credit limit, in CNY; null when it does not. */
  const over = computed(() => {
    const row = customer.value
    if (!row || row.settlement_mode === 'cash' || isNegative(totals.value.debt)) return null
    return overCredit(row.credit_limit, subtract(String(row.debt_total ?? '0.00'), fixed.owed), totals.value.debt)
  })
  const fieldOf = (name: string) => fieldNamed('order', name)!
  /** What the company fills in when nothing is written. */
  const usual = computed<Record<string, unknown>>(() => {
    const terminal = terminals.value.find((one) => one.id === entry.value.header.terminal_id)
    const department = departments.value.find((one) => one.id === entry.value.header.customer_department_id)
    const buyer = customer.value
    return {
      consignee: terminal?.contact ?? department?.contact ?? buyer?.primary_contact ?? buyer?.name,
      consignee_mobile: terminal?.phone ?? department?.phone ?? buyer?.mobile,
      address: terminal?.address ?? buyer?.address,
    }
  })

  return {
    mayFree,
    entries,
    current,
    entry,
    others,
    ready,
    restored,
    restoredAt,
    open,
    chooseCustomer,
    clear,
    putBack,
    /** Nothing is left to keep. */
    forget: () => kept.drop(),
    customer,
    terminals,
    departments,
    company,
    problem,
    loadCustomer,
    loadPrices,
    findProducts,
    addProduct,
    fixed,
    extras,
    totals,
    over,
    fieldOf,
    usual,
  }
}

export type OrderEntry = ReturnType<typeof useOrderEntry>
