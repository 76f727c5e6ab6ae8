/** Alerts that are put aside, and mails: from an account that there is none of, because nobody here has a mail server. */
import { about, below, word } from './draw'
import type { Work } from './work'

export const NOBODYS = '01900000-0000-7000-8000-000000000000'

export const MAILS: Record<string, Work> = {
  'alert.put_aside': {
    weight: 0.5,
    draw: about('alert.put_aside', 'alert', undefined, ({ dice }) => ({ days: dice.whole(1, 9), note: word(dice) })),
  },
  'alert.take_up': { weight: 0.2, draw: about('alert.take_up', 'alert') },
  'mail.send': {
    weight: 0.3,
    draw: below('mail.send', (customer, { dice }) => ({
      customer_id: customer.id,
      account_id: NOBODYS,
      to: 'shop@example.com',
      subject: word(dice),
      body: word(dice),
    })),
  },
  'mail.send_again': { weight: 0.1, draw: about('mail.send_again', 'mail') },
}
