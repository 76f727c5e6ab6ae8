import { expect, it } from 'vitest'
import { chatOf } from './chat'

const DESK = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)'
const PHONE = 'Mozilla/5.0 (Linux; Android 14) Mobile'

it('a QQ number opens a chat on phone and desk, any other account is only copied', () => {
  expect(chatOf('10001234', DESK)).toEqual({ account: '10001234', link: 'tencent://message/?uin=10001234&Menu=yes' })
  expect(chatOf('QQ：10001234', PHONE).link).toMatch(/^mqqwpa:\/\/im\/chat\?.*uin=10001234$/)
  expect(chatOf('qq13812341234', DESK).link).toContain('uin=13812341234')
  for (const [written, account] of [
    ['13812341234', '13812341234'],
    ['微信 wang_2024', 'wang_2024'],
    ['旺旺：小王酒水', '小王酒水'],
    ['wxid_k3f', 'wxid_k3f'],
    ['wx: laowang', 'laowang'],
    ['QQ 老王', '老王'],
    ['微信 10001234', '10001234'],
  ] as const)
    expect(chatOf(written, DESK)).toEqual({ account, link: null })
})
