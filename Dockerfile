# syntax=docker/dockerfile:1
# A static binary on an empty base: no shell, no libraries, no package manager, no root.
# Time zone data and certificate authorities for webhooks travel inside the binary.
#   docker build --build-arg REVISION="$(git rev-parse HEAD)" -t stentor:0.1.0 .
# A release pins the build image by digest: --build-arg RUST_IMAGE=rust:1.95-bookworm@sha256:…
ARG RUST_IMAGE=rust:1.95-bookworm

FROM ${RUST_IMAGE} AS build
# musl-tools: SQLite, zstd, ring and the allocator are C and are compiled for musl too.
RUN apt-get update \
 && apt-get install -y --no-install-recommends musl-tools ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && rustup target add "$(uname -m)-unknown-linux-musl"
WORKDIR /src
COPY . .
# The caches make a second build quick; what must outlive them is copied out in the same step.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    target="$(uname -m)-unknown-linux-musl" \
 && cargo build --release --locked --package stentor --bin stentor --target "$target" \
 && install -D "target/$target/release/stentor" /image/stentor \
 && install -D -m 0644 /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt \
 && install -d -m 1777 /image/tmp \
 && if ldd /image/stentor 2>/dev/null | grep -q '=>'; then echo 'the binary is not static' >&2; exit 1; fi
RUN install -d -m 0700 /data

FROM scratch
ARG REVISION=unknown
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="stentor" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image /
COPY --from=build --chown=65532:65532 /data /var/lib/stentor
# Inside a container loopback reaches nobody, so both listeners bind to every address.
ENV STENTOR_LISTEN=0.0.0.0:7117 \
    STENTOR_METRICS=0.0.0.0:9464 \
    STENTOR_DATA=/var/lib/stentor
USER 65532:65532
EXPOSE 7117 9464
STOPSIGNAL SIGTERM
ENTRYPOINT ["/stentor"]
CMD ["serve"]
