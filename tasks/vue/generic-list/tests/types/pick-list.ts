import { h } from 'vue'
import PickList from '@/components/PickList.vue'

interface City {
  id: string
  name: string
}
const items: City[] = []

h(PickList<City>, { items, label: (city) => city.name, modelValue: items, onFull: (count) => count.toFixed() })
h(PickList<City>, { items, label: (city) => city.id, 'onUpdate:modelValue': (chosen) => chosen?.map((city) => city.name) })

// @ts-expect-error an item without an id
h(PickList<{ name: string }>, { items: [], label: () => '' })
// @ts-expect-error a city has no such field
h(PickList<City>, { items, label: (city) => city.size })
// @ts-expect-error the model holds cities
h(PickList<City>, { items, label: (city) => city.name, modelValue: [1] })
// @ts-expect-error multiple is a boolean
h(PickList<City>, { items, label: (city) => city.name, multiple: 'yes' })
