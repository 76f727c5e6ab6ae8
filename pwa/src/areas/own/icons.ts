/** Icons only the screens of own fields and tables show; the others come from `@/ui/icons`. */
export {
  symRoundedFormsAddOn as iconOwnFields,
  symRoundedTable as iconTable,
  symRoundedTableEdit as iconTables,
} from '@quasar/extras/material-symbols-rounded'
