import { Component, Suspense, type ReactNode } from 'react';
import { messageOf } from '../live/ask.ts';
import { useWords } from '../ui/locale.tsx';

/** Shows a page whose code comes when it is opened: that it is being loaded, or that it could not be, as after an upgrade of the server,
 *  which no longer has the old files. `of`: another page is another attempt. */
export function PageFrame({ of, children }: { readonly of: string; readonly children: ReactNode }) {
  return (
    <Guard key={of}>
      <Suspense fallback={<Loading />}>{children}</Suspense>
    </Guard>
  );
}

class Guard extends Component<{ readonly children: ReactNode }, { readonly failure: string | null }> {
  override state: { readonly failure: string | null } = { failure: null };

  static getDerivedStateFromError(error: unknown) {
    return { failure: messageOf(error) };
  }

  override render() {
    const { failure } = this.state;
    return failure === null ? this.props.children : <Broken message={failure} />;
  }
}

function Loading() {
  const { t } = useWords();
  return (
    <section className="panel">
      <p className="nothing" role="status">
        {t('console.loading')}
      </p>
    </section>
  );
}

function Broken({ message }: { readonly message: string }) {
  const { t } = useWords();
  return (
    <section className="panel nothing" role="alert">
      <p>{t('console.page.broken', { message })}</p>
      <button type="button" className="tool" onClick={() => location.reload()}>
        {t('console.page.reload')}
      </button>
    </section>
  );
}
