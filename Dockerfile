# One image for all roles; the command chooses.
FROM python:3.11-slim
WORKDIR /opt/fieldlab
COPY . .
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check -c constraints.txt . \
 && useradd --uid 10001 --create-home fieldlab \
 && mkdir /data && chown fieldlab /data
ENV PATH=/opt/venv/bin:$PATH FIELDLAB_CONTAINER=1
USER fieldlab
WORKDIR /data
ENTRYPOINT ["fieldlab"]
