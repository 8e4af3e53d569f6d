/* Momentum gradient flow by Taylor series of order 45 with tolerance 1e-30 in 113-bit arithmetic:
 *
 *   gcc -O2 reference.c -o reference -lquadmath
 *   ./reference X.csv y.csv 5 8 0.1 0.007 1 10 100 200 > lambda-0.007.txt
 *
 * Arguments: X, y, n, d, alpha, lambda, times. A line a time: t, w_plus, w_minus (2d numbers), their rates (2d numbers).
 * alpha and lambda are read as doubles, and the start is the double sqrt(2)·alpha. */
#include <quadmath.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef __float128 Q;
#define N 45
static int n,d; static Q X[64][64], y[64];
int main(int c,char**v){
  n=atoi(v[3]); d=atoi(v[4]); double alpha=atof(v[5]); double lam=atof(v[6]); Q l=lam;
  FILE*f=fopen(v[1],"r"); for(int i=0;i<n;i++)for(int j=0;j<d;j++){double z;if(fscanf(f,"%lf%*[,\n]",&z)!=1)return 1;X[i][j]=z;} fclose(f);
  f=fopen(v[2],"r"); for(int i=0;i<n;i++){double z;if(fscanf(f,"%lf",&z)!=1)return 2;y[i]=z;}
  int m=2*d; static Q w[128][N+2], g[64][N+1], th[64][N+1], r[64][N+1]; Q s[128],p[128];
  for(int j=0;j<m;j++){s[j]=(Q)(1.4142135623730951*alpha); p[j]=0;}
  if(c>100) return 3;
  Q t=0; long steps=0; int k=7;
  for(;k<c;){
    Q end=strtoflt128(v[k],0);
    // coefficients
    for(int j=0;j<m;j++){w[j][0]=s[j];w[j][1]=p[j];}
    for(int o=0;o<=N-1;o++){
      for(int j=0;j<d;j++){Q a=0; for(int q=0;q<=o;q++) a+=w[j][q]*w[j][o-q]-w[d+j][q]*w[d+j][o-q]; th[j][o]=a/4;}
      for(int i=0;i<n;i++){Q a=o?0:-y[i]; for(int j=0;j<d;j++)a+=X[i][j]*th[j][o]; r[i][o]=a;}
      for(int j=0;j<d;j++){Q a=0; for(int i=0;i<n;i++)a+=X[i][j]*r[i][o]; g[j][o]=a/n;}
      for(int j=0;j<m;j++){ Q a=0; int jj=j%d; for(int q=0;q<=o;q++)a+=g[jj][q]*w[j][o-q]; if(j>=d)a=-a;
        w[j][o+2]=-( (o+1)*w[j][o+1] + a)/(l*(o+1)*(o+2)); }
    }
    Q h=1e30Q;
    for(int j=0;j<m;j++){ Q sc=fabsq(s[j])+l*fabsq(p[j]); for(int q=N-1;q<=N;q++){ Q a=fabsq(w[j][q]); if(a>0){Q x=powq(1e-30Q*sc/a,1.0Q/q); if(x<h)h=x;} } }
    if(h>end-t)h=end-t;
    for(int j=0;j<m;j++){Q a=0,b=0; for(int q=N;q>=0;q--){a=a*h+w[j][q];} for(int q=N;q>=1;q--){b=b*h+q*w[j][q];} s[j]=a;p[j]=b;}
    t+=h; steps++;
    if(t>=end){ char buf[64]; quadmath_snprintf(buf,64,"%.25Qg",end); printf("%s",buf); for(int j=0;j<m;j++){quadmath_snprintf(buf,64,"%.25Qg",s[j]);printf(" %s",buf);} for(int j=0;j<m;j++){quadmath_snprintf(buf,64,"%.25Qg",p[j]);printf(" %s",buf);} printf("\n"); k++; }
  }
  fprintf(stderr,"%ld steps\n",steps);
}
