//! Who may answer for a venue: the authorities that this system trusts, and no way to do without.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;
use tracing::error;

/// The authorities that may sign a venue's certificate.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    roots: Vec<CertificateDer<'static>>,
}

impl Tls {
    /// The system's authorities, a company's own among them.
    pub fn system() -> Self {
        Self::default()
    }

    /// The system's authorities and these beside them, in DER: for tests, whose authority no system knows.
    pub fn with_roots(roots: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self { roots: roots.into_iter().map(CertificateDer::from).collect() }
    }

    /// The set-up for connections; reads the system's store, so it may take some milliseconds. A system without any
    /// authority (no `ca-certificates`) trusts nobody: every encrypted connection is refused, and the log says why.
    pub(crate) fn client_config(&self) -> Arc<ClientConfig> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .expect("ring knows TLS 1.2 and 1.3");
        let config = match Verifier::new_with_extra_roots(self.roots.clone(), provider) {
            Ok(verifier) => builder
                .dangerous() // The library's word for any verifier but its own; this one is the system's.
                .with_custom_certificate_verifier(Arc::new(verifier)),
            Err(error) => {
                error!(%error, "this system's certificate authorities could not be read");
                builder.with_root_certificates(RootCertStore::empty())
            }
        };
        Arc::new(config.with_no_client_auth())
    }
}
