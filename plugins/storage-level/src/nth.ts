/**
 * The item that has `n` others before it in order. It takes about two looks at each, where sorting takes as many as the length has binary
 * digits. The items are moved about.
 *
 * @param n 0 to the number of items less one
 */
export function nth<T>(items: T[], n: number, order: (a: T, b: T) => number): T {
  let [low, high] = [0, items.length - 1];
  while (low < high) {
    const pivot = items[(low + high) >>> 1] as T;
    let [left, right] = [low, high];
    while (left <= right) {
      while (order(items[left] as T, pivot) < 0) left++;
      while (order(items[right] as T, pivot) > 0) right--;
      if (left > right) break;
      [items[left], items[right]] = [items[right] as T, items[left] as T];
      left++;
      right--;
    }
    // Up to `right` nothing is after the pivot, from `left` on nothing before it, and what is between the two is equal to it.
    if (n <= right) high = right;
    else if (n >= left) low = left;
    else break;
  }
  return items[n] as T;
}
