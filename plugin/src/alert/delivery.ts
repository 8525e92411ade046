/** What to answer whoever notified us. `failed`: to be sent again; those who have it do not get it twice. */
export type DeliveryAnswer = { readonly kind: 'delivered' } | { readonly kind: 'failed'; readonly error: string };
