/** Accounts of chat programs as people write them down: "QQ 12345", "旺旺：小王", a bare number. */

export interface ChatAccount {
  /** Without what says of which program it is. */
  account: string
  /** Opens a chat where the program can be told from the account. */
  link: string | null
}

const PROGRAM = /^(qq|微信|wechat|weixin|wx|旺旺|wangwang|ww)\s*(?:号|號|id)?\s*[:：]?\s*(?=\S)/i
/** A bare number of five to eleven digits is QQ's, unless it is that of a mobile: with those people are found on WeChat. */
const isQq = (account: string): boolean => /^[1-9]\d{4,10}$/.test(account) && !/^1[3-9]\d{9}$/.test(account)

export function chatOf(text: string, agent = navigator.userAgent): ChatAccount {
  const program = PROGRAM.exec(text.trim())
  const ending = program?.[1]?.toLowerCase()
  // "wxid_…" and "ww2024" are accounts, not names of programs.
  const named = program !== null && (/[:：\s号號]/.test(program[0]) || !/^[a-z]/i.test(program[0]) || ending === 'qq')
  const account = named ? text.trim().slice(program[0].length) : text.trim()
  const opens = named ? ending === 'qq' && /^[1-9]\d{4,10}$/.test(account) : isQq(account)
  if (!opens) return { account, link: null }
  const mobile = /Android|iPhone|iPad|Mobile/.test(agent)
  return {
    account,
    link: mobile
      ? `mqqwpa://im/chat?chat_type=wpa&version=1&src_type=web&uin=${account}`
      : `tencent://message/?uin=${account}&Menu=yes`,
  }
}

/** Also where the browser's clipboard is closed: on a page without https. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    const held = document.createElement('textarea')
    held.value = text
    held.style.position = 'fixed'
    document.body.append(held)
    held.select()
    document.execCommand('copy')
    held.remove()
  }
}
