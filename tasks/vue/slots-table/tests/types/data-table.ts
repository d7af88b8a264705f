import { h } from 'vue'
import DataTable from '@/components/DataTable.vue'
import type { Column, Sort } from '@/components/table'

interface City {
  id: number
  city: string
}
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

const rows: City[] = []
const columns: Column<City>[] = [{ key: 'city', title: 'City', sortable: true, numeric: false }]
const rowKey = 'id'

export const key: Same<Column<City>['key'], 'id' | 'city'> = true
export const sort: Same<NonNullable<Sort<City>>['key'], 'id' | 'city'> = true
export const none: Sort<City> = null

h(DataTable<City>, { rows, columns, rowKey, onRowClick: (row) => row.city.trim() }, {
  cell: ({ row, column }: { row: City; column: Column<City> }) => row[column.key],
  footer: ({ selected }: { selected: City[] }) => selected.length,
})
h(DataTable<City>, { rows, columns, rowKey, selected: rows, sort: { key: 'city', descending: true } })

// @ts-expect-error cities have no such key
h(DataTable<City>, { rows, columns, rowKey: 'zip' })
// @ts-expect-error nor such a column
h(DataTable<City>, { rows, columns: [{ key: 'zip', title: 'Zip' }], rowKey })
// @ts-expect-error the order names a column
h(DataTable<City>, { rows, columns, rowKey, sort: { key: 'zip', descending: true } })
// @ts-expect-error what is selected are rows
h(DataTable<City>, { rows, columns, rowKey, selected: [1] })
