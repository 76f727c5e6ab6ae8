export {
  symRoundedDragIndicator as iconDrag,
  symRoundedViewQuilt as iconLayout,
} from '@quasar/extras/material-symbols-rounded'
