// #region store
import { useChannel } from '@holdfast/vue'
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

export const useUnread = defineStore('unread', () => {
  const count = ref(0)
  const { status } = useChannel('room:42', 'message', () => count.value++)
  return { count, isLive: computed(() => status.value.status === 'subscribed') }
})
// #endregion
