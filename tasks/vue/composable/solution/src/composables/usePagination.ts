import { computed, ref, watch, type ComputedRef, type Ref } from 'vue'

export interface Pagination<T> {
  page: Ref<number>
  pages: ComputedRef<number>
  visible: ComputedRef<T[]>
  next: () => void
  previous: () => void
}

export function usePagination<T>(items: () => T[], perPage: number): Pagination<T> {
  const page = ref(1)
  const pages = computed(() => Math.max(1, Math.ceil(items().length / perPage)))
  const visible = computed(() => items().slice((page.value - 1) * perPage, page.value * perPage))

  watch(pages, (count) => {
    if (page.value > count) page.value = count
  })

  function next(): void {
    if (page.value < pages.value) page.value++
  }

  function previous(): void {
    if (page.value > 1) page.value--
  }

  return { page, pages, visible, next, previous }
}
