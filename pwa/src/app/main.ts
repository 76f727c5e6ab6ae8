import { createPinia } from 'pinia'
import { Quasar } from 'quasar'
import { createApp } from 'vue'
import '../css/quasar.scss'
import '../css/tokens.scss'
import '../css/app.scss'
import App from './App.vue'
import { startAppearance } from './appearance'
import { connectDrafts } from './draftStore'
import { firstLanguage, i18n, setLanguage } from './i18n'
import { quasarIcons } from './quasarIcons'
import { router } from './router'
import { connectSession } from './session'

const app = createApp(App)
const platform = async () => {
  const module = await import('./platform')
  return { ...module, engine: await module.engineFor(app) }
}
connectDrafts(async () => (await platform()).engine)
connectSession({
  remembered: () => platform().then(({ remembered, engine }) => remembered(engine)),
  device: () => platform().then(({ deviceInfo, engine }) => deviceInfo(engine)),
  loggedIn: (me) => platform().then(({ engine }) => engine.loggedIn({ ...me })),
  loggedOut: () => platform().then(({ engine }) => engine.loggedOut()),
})
app.use(createPinia())
app.use(Quasar, { iconSet: quasarIcons, config: { ripple: { early: false } } })
app.use(i18n)
startAppearance()
// The words first: a screen with bare keys is worse than one that comes 20 ms later.
await setLanguage(firstLanguage())
app.use(router)
app.mount('#q-app')
void import('./updates').then((updates) => updates.watchForUpdates())
