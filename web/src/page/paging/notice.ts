import { messageOf } from '../../live/ask.ts';

/** Why a page cannot notify; null: it can, or may ask. */
export type NoticeTrouble = 'missing' | 'insecure' | 'denied' | null;

/** Whether this browser notifies for this address. */
export function noticeTrouble(): NoticeTrouble {
  if (!globalThis.isSecureContext) return 'insecure';
  if (!('Notification' in globalThis)) return 'missing';
  return Notification.permission === 'denied' ? 'denied' : null;
}

/** Asks for the permission where it was not given; true when there is one. */
export async function allowNotices(): Promise<boolean> {
  if (noticeTrouble() !== null) return false;
  return (await Notification.requestPermission()) === 'granted';
}

/** Shows a notification, in the place of the one before. Returns why not; null when it was shown. Phones refuse those of a page
 *  without a worker. */
export function showNotice(title: string, body: string, onOpen: () => void): string | null {
  try {
    if (noticeTrouble() !== null || Notification.permission !== 'granted') return noticeTrouble() ?? 'permission';
    const options: NotificationOptions & { readonly renotify: boolean } = {
      body,
      tag: 'guardian-page',
      renotify: true,
      requireInteraction: true,
      icon: '/guardian.svg',
    };
    const notice = new Notification(title, options);
    notice.addEventListener('click', () => {
      window.focus();
      notice.close();
      onOpen();
    });
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
