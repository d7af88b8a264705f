export interface Column<Row> {
  key: keyof Row & string
  title: string
  sortable?: boolean
  numeric?: boolean
}

export type Sort<Row> = { key: keyof Row & string; descending: boolean } | null
