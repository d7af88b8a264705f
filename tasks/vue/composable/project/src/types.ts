export interface Product {
  sku: string
  title: string
  price: number
}
