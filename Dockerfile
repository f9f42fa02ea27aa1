# syntax=docker/dockerfile:1
# Builds mtls_exporter from this tree and leaves only what runs it. Packages come from deploy/packages.txt.
#   docker build -t mtls_exporter .
#   docker run -p 10219:10219 -v "$PWD/mtls_exporter.yml:/etc/mtls_exporter/mtls_exporter.yml:ro" mtls_exporter

# Debian 12 and 13 are equal: --build-arg BASE=docker.io/library/debian:13-slim
ARG BASE=docker.io/library/debian:12-slim

FROM ${BASE} AS build
WORKDIR /src
COPY deploy/packages.txt deploy/install-packages.sh deploy/
RUN deploy/install-packages.sh build
COPY CMakeLists.txt ./
COPY config config
COPY probes probes
COPY exporter exporter
# A mounted /var/cache/ccache makes a rebuild cheap; without one this stage simply compiles.
ENV CCACHE_DIR=/var/cache/ccache CCACHE_BASEDIR=/src CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=locale
ARG REVISION=
RUN cmake -S . -B build -G Ninja -DBUILD_TESTING=OFF -DMTLS_REVISION="${REVISION}" \
 && ninja -C build mtls_exporter \
 && strip --strip-unneeded -o /mtls_exporter build/exporter/mtls_exporter

FROM ${BASE}
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="mtls_exporter" \
      org.opencontainers.image.description="Prometheus exporter that probes mutual TLS and watches its certificates" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN --mount=type=bind,source=deploy,target=/deploy \
    /deploy/install-packages.sh runtime \
 && rm -rf /var/lib/apt/lists/*
COPY deploy/container/healthcheck /usr/local/bin/healthcheck
COPY --from=build /mtls_exporter /usr/local/bin/mtls_exporter
# Numeric, so that Kubernetes' runAsNonRoot can see it is not root. No shell account, no home.
USER 65532:65532
WORKDIR /etc/mtls_exporter
EXPOSE 10219
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s CMD ["/usr/local/bin/healthcheck"]
ENTRYPOINT ["/usr/local/bin/mtls_exporter"]
CMD ["--config.file=/etc/mtls_exporter/mtls_exporter.yml"]
