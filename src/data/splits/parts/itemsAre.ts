/** "1 item is", "3 items are". */
export function itemsAre(count: number): string {
  return count === 1 ? '1 item is' : `${count} items are`
}
