/** What a route says of itself, and the phone's four tabs. */

export type PhoneTab = 'today' | 'customers' | 'orders' | 'me'

export const defaultTabPaths: Record<PhoneTab, string> = {
  today: '/today',
  customers: '/customers',
  orders: '/orders',
  me: '/me',
}

/** Where the one big button leads. The visits area registers it. */
export const newVisitPath = '/visits/new'

declare module 'vue-router' {
  interface RouteMeta {
    /** Whose words are loaded before the screen shows. Defaults to the area that registered the route. */
    area?: string
    /** i18n key of the document's title. */
    title?: string
    /** Needed to open it; without it a page says so. */
    permission?: string
    /** Opens beside the list on the desk, and instead of it on phone and tablet. */
    panel?: boolean
    /** The phone's tab it belongs to. */
    tab?: PhoneTab
    /** One screen for all rows of the route: it leafs through them. */
    leafs?: boolean
    /** Words of the address that make it another screen: the list behind one number is not that behind the next. */
    asks?: readonly string[]
    /** Fills the screen without bars: login, camera. */
    bare?: boolean
    /** Reachable without a session. */
    open?: boolean
    /** At the desk: the path of the phone's screen of the same row. */
    twin?: string
    /** On the phone, a screen that has its own bottom bar (order, visit) hides the tabs. */
    hideTabs?: boolean
  }
}
