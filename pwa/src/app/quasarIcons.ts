/**
 * The icons Quasar's own components draw, as SVG paths. Quasar's ready-made sets carry icons of editors, uploaders and
 * carousels too; only those of components in `src/css/quasar.scss` stand here.
 */
import {
  symRoundedArrowDropDown,
  symRoundedArrowDropUp,
  symRoundedCancel,
  symRoundedChevronLeft,
  symRoundedChevronRight,
  symRoundedClose,
  symRoundedCheck,
  symRoundedError,
  symRoundedKeyboardArrowDown,
  symRoundedRefresh,
} from '@quasar/extras/material-symbols-rounded'
import type { QuasarIconSet } from 'quasar'

export const quasarIcons = {
  name: 'xunke',
  type: { positive: symRoundedCheck, negative: symRoundedError, info: symRoundedError, warning: symRoundedError },
  arrow: {
    up: symRoundedArrowDropUp,
    right: symRoundedChevronRight,
    down: symRoundedArrowDropDown,
    left: symRoundedChevronLeft,
    dropdown: symRoundedArrowDropDown,
  },
  chevron: { left: symRoundedChevronLeft, right: symRoundedChevronRight },
  chip: { remove: symRoundedCancel, selected: symRoundedCheck },
  expansionItem: { icon: symRoundedKeyboardArrowDown, denseIcon: symRoundedArrowDropDown },
  field: { clear: symRoundedCancel, error: symRoundedError },
  pullToRefresh: { icon: symRoundedRefresh },
  tabs: {
    left: symRoundedChevronLeft,
    right: symRoundedChevronRight,
    up: symRoundedArrowDropUp,
    down: symRoundedArrowDropDown,
  },
  tree: { icon: symRoundedArrowDropDown },
  carousel: {},
  colorPicker: {},
  datetime: {},
  editor: {},
  fab: {},
  pagination: {},
  rating: {},
  stepper: { active: symRoundedCheck, done: symRoundedCheck, error: symRoundedClose },
  table: {},
  uploader: {},
} as unknown as QuasarIconSet
