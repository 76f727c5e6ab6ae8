export { symRoundedTrackChanges as iconTarget } from '@quasar/extras/material-symbols-rounded'
