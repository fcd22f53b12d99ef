"""The TLS contexts of scripts that run with either kind of context (KIND)."""


def context_of_kind(*more):
    """A context that trusts CA. `more` are further arguments of create_ssl_context()."""
    if KIND == "builtin":
        import mqtt

        return mqtt.create_ssl_context(CA, *more)
    import tls

    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(CA_DER)
    return context
