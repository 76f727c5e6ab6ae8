/** Verdicts and the keys that stand for them, the same on the wall and in front of a photo. */
export const verdicts = ['suspect', 'unverified', 'pending', 'verified'] as const
export type Verdict = (typeof verdicts)[number]

/** 0 is all of them. */
export const verdictOfKey: Record<string, Verdict | ''> = {
  '0': '',
  '1': 'suspect',
  '2': 'unverified',
  '3': 'pending',
  '4': 'verified',
}

/** What a manager may decide, by its first letter. */
export const decisionOfKey: Record<string, Exclude<Verdict, 'pending'>> = {
  v: 'verified',
  u: 'unverified',
  s: 'suspect',
}
