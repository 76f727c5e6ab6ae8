/** What happened, for reading after a failure: ids become short names, what has nothing to do with it is left out. */

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const MOST_LINES = 80

interface Line {
  step: number
  who: string
  text: string
}

export class Story {
  private readonly lines: Line[] = []

  add(step: number, who: string, text: string): void {
    this.lines.push({ step, who, text })
  }

  /** The lines about the rows, ops and devices that the problems speak of, and what hit the whole company; `whole`:
   * all of them, for a run that has been made short. Names of ids come with it, for the problems too. */
  tell(problems: string[], people: string[], whole: boolean): { problems: string[]; story: string[] } {
    const said = problems.join('\n')
    const ids = new Set(said.match(ID))
    const names = new Set(people.filter((name) => said.includes(name)))
    const direct = this.lines.filter(({ text }) => [...ids].some((id) => text.includes(id)))
    // What one line says together belongs together: an op and its row, a row and its customer.
    const kin = new Set(direct.flatMap(({ text }) => text.match(ID) ?? []))
    const near = this.lines.filter(
      ({ who, text }) =>
        whole ||
        who === 'server' ||
        who === 'boss' ||
        who === 'all' ||
        (names.has(who) && !text.includes('(op ')) ||
        [...kin].some((id) => text.includes(id)),
    )
    const wanted = new Set(direct.slice(-MOST_LINES))
    // What hit everybody comes before what is only related.
    for (const line of near) if (line.who === 'boss' || line.who === 'server') wanted.add(line)
    for (const line of [...near].reverse()) if (wanted.size < MOST_LINES) wanted.add(line)
    const chosen = this.lines.filter((line) => wanted.has(line))
    const short = new Names()
    const story = chosen.map(({ step, who, text }) => {
      return `${String(step).padStart(5)}  ${who}: ${short.shorten(text)}`
    })
    return { problems: problems.map((problem) => short.shorten(problem)), story }
  }
}

/** customer 0190f2c4-… → customer·1 */
class Names {
  private readonly given = new Map<string, string>()
  private readonly counts = new Map<string, number>()

  shorten(text: string): string {
    for (const [, kind, id] of text.matchAll(/(\w+)[ :]"?([0-9a-f]{8}-[0-9a-f-]{27})/g)) this.name(id!, kind!)
    for (const [, kind, id] of text.matchAll(/"(\w+)_id":"([0-9a-f]{8}-[0-9a-f-]{27})"/g)) this.name(id!, kind!)
    const record = /writes (\w+)\.\w+ \{"id":"([0-9a-f-]{36})"/.exec(text)
    if (record) this.name(record[2]!, record[1]!)
    return text.replace(ID, (id) => this.name(id, 'id'))
  }

  private name(id: string, kind: string): string {
    const known = this.given.get(id)
    if (known !== undefined) return known
    const count = (this.counts.get(kind) ?? 0) + 1
    this.counts.set(kind, count)
    const name = `${kind}·${count}`
    this.given.set(id, name)
    return name
  }
}
