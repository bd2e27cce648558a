#!/bin/sh
# Makes the secrets that the manifests name. usage: secrets.example.sh LICENSE DEVICE_KEY TOKEN_FILE
set -eu
kubectl create secret generic coffer-license --from-file=digits.license="$1" --from-file=device.key="$2"
kubectl create secret generic coffer-token --from-file=token="$3"
