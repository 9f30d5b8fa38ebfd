/**
 * One turn of the event loop, so that messages get in. A MessageChannel rather than a timer: timers of hidden tabs are
 * held back to one a minute.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}
