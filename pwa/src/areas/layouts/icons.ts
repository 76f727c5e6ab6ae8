export {
  symRoundedDragIndicator as iconDrag,
  symRoundedFormatPaint as iconTemplate,
  symRoundedViewQuilt as iconLayout,
} from '@quasar/extras/material-symbols-rounded'
